#!/usr/bin/env bash
# The inventory allocation system every night on Google Cloud: a Cloud Run job on BigQuery, a
# schedule, a second try, a mail when one fails. Run it again to change something.
#
#   PROJECT=my-project REGION=europe-west1 IMAGE=europe-west1-docker.pkg.dev/... ALARM_ADDRESS=a@b \
#     deploy/gcp/deploy.sh
#
# deploy/roles/bigquery.sh gives the job's account its rights on the datasets; run that first.
set -euo pipefail

: "${PROJECT:?the project that pays}" "${REGION:?such as europe-west1}" "${IMAGE:?the image of
deploy/docker/Dockerfile, with its digest}" "${ALARM_ADDRESS:?where mail goes when a night fails}"
LOCATION=${LOCATION:-EU}
SCHEDULE=${SCHEDULE:-30 2 * * *}
SECOND_TRY=${SECOND_TRY:-30 4 * * *}
TIME_ZONE=${TIME_ZONE:-UTC}
CPU=${CPU:-2}
MEMORY=${MEMORY:-8Gi}
JOB_ACCOUNT="inventory-allocation@${PROJECT}.iam.gserviceaccount.com"
SCHEDULE_ACCOUNT="inventory-allocation-schedule@${PROJECT}.iam.gserviceaccount.com"
COMMAND=run,--no-sample-company,--profiles-dir,.,--log-format,json

gcloud config set project "$PROJECT"
gcloud services enable bigquery.googleapis.com cloudscheduler.googleapis.com run.googleapis.com \
  monitoring.googleapis.com

make_account() {
  gcloud iam service-accounts describe "$1@${PROJECT}.iam.gserviceaccount.com" >/dev/null 2>&1 \
    || gcloud iam service-accounts create "$1"
}
make_account inventory-allocation
make_account inventory-allocation-schedule

# Two jobs of one image: the second goes on where the first one stopped.
deploy_job() {
  gcloud run jobs deploy "$1" --region "$REGION" --image "$IMAGE" --args "$2" \
    --service-account "$JOB_ACCOUNT" --cpu "$CPU" --memory "$MEMORY" \
    --task-timeout 3h --max-retries 0 --set-env-vars \
    "INVENTORY_ALLOCATION_TARGET=bigquery,INVENTORY_ALLOCATION_BIGQUERY_PROJECT=${PROJECT},INVENTORY_ALLOCATION_BIGQUERY_LOCATION=${LOCATION}"
  gcloud run jobs add-iam-policy-binding "$1" --region "$REGION" \
    --member "serviceAccount:${SCHEDULE_ACCOUNT}" --role roles/run.invoker
}
deploy_job inventory-allocation "$COMMAND"
deploy_job inventory-allocation-resume "${COMMAND},--resume"

schedule_job() {
  local verb=create
  gcloud scheduler jobs describe "$1" --location "$REGION" >/dev/null 2>&1 && verb=update
  gcloud scheduler jobs "$verb" http "$1" --location "$REGION" --schedule "$2" \
    --time-zone "$TIME_ZONE" --http-method POST \
    --uri "https://run.googleapis.com/v2/projects/${PROJECT}/locations/${REGION}/jobs/$1:run" \
    --oauth-service-account-email "$SCHEDULE_ACCOUNT"
}
schedule_job inventory-allocation "$SCHEDULE"
schedule_job inventory-allocation-resume "$SECOND_TRY"

find_channel() {
  gcloud beta monitoring channels list --format 'value(name)' \
    --filter "type=email AND labels.email_address=${ALARM_ADDRESS}" | head --lines 1
}
channel=$(find_channel)
if [ -z "$channel" ]; then
  gcloud beta monitoring channels create --type email --display-name "Inventory allocation" \
    --channel-labels "email_address=${ALARM_ADDRESS}"
  channel=$(find_channel)
fi
policies=$(gcloud monitoring policies list --format 'value(name)' \
  --filter 'displayName="Inventory allocation: a night failed"')
if [ -z "$policies" ]; then
  gcloud monitoring policies create --notification-channels "$channel" \
    --policy-from-file "$(dirname "$0")/failed-night.json"
fi
