#!/usr/bin/env bash
# Service accounts with the roles they need and no more. Never run against BigQuery by us: there was
# none to reach. Needs gcloud and bq, and someone who may grant.
#   deploy/roles/bigquery.sh PROJECT LOCATION
set -euo pipefail
project=$1 location=$2
job="inventory-allocation@$project.iam.gserviceaccount.com"
reader="inventory-allocation-reader@$project.iam.gserviceaccount.com"

gcloud iam service-accounts create inventory-allocation --project "$project"
gcloud iam service-accounts create inventory-allocation-reader --project "$project"
# Both may ask, which is what costs.
for account in "$job" "$reader"; do
  gcloud projects add-iam-policy-binding "$project" --condition None \
    --member "serviceAccount:$account" --role roles/bigquery.jobUser
done

# The job reads raw, and writes to datasets that are made here: it may make none itself.
for dataset in main main_staging main_intermediate main_snapshots planning; do
  bq --location "$location" mk --force --dataset "$project:$dataset"
  bq query --project_id "$project" --use_legacy_sql=false \
    "grant \`roles/bigquery.dataEditor\` on schema \`$project.$dataset\` to 'serviceAccount:$job'"
done
bq query --project_id "$project" --use_legacy_sql=false \
  "grant \`roles/bigquery.dataViewer\` on schema \`$project.raw\` to 'serviceAccount:$job'"
# BI, the dashboard.
bq query --project_id "$project" --use_legacy_sql=false \
  "grant \`roles/bigquery.dataViewer\` on schema \`$project.main\` to 'serviceAccount:$reader'"
