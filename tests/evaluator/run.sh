#!/usr/bin/env bash
# Runs dbt-project-evaluator, severity error, on a copy of the project. Nothing of it is kept here.
# Usage: tests/evaluator/run.sh <checkout of dbt-project-evaluator> <checkout of dbt-utils>
set -euo pipefail
[ $# -eq 2 ] || { sed -n '2,3p' "$0"; exit 2; }
evaluator=$(realpath "$1")
utils=$(realpath "$2")
root=$(realpath "$(dirname "$0")/../..")
dbt="$root/.venv/bin/dbt"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp -r "$evaluator" "$work/evaluator"
printf 'packages:\n  - local: %s\n' "$utils" > "$work/evaluator/packages.yml"
mkdir "$work/project"
cd "$work/project"
cp -r "$root"/{dbt_project.yml,models,macros,seeds,tests} .
cp "$root/tests/profiles/profiles.yml" .
cp "$root/tests/evaluator/dbt_project_evaluator_exceptions.csv" seeds/
printf 'packages:\n  - local: %s\n  - local: %s\n' "$work/evaluator" "$utils" > packages.yml
sed -i 's/^seeds:$/seeds:\n  dbt_project_evaluator:\n    dbt_project_evaluator_exceptions:\n      +enabled: false/' dbt_project.yml
cat >> dbt_project.yml <<'YAML'

on-run-end: "{{ dbt_project_evaluator.print_dbt_project_evaluator_issues() }}"
dispatch:
  - macro_namespace: dbt
    search_order: [dbt_project_evaluator, dbt]
data_tests:
  dbt_project_evaluator:
    +severity: error
YAML
export INVENTORY_ALLOCATION_DUCKDB="$work/evaluator.duckdb"
"$dbt" deps --quiet
"$dbt" build --no-use-colors --profiles-dir . \
    --select package:dbt_project_evaluator dbt_project_evaluator_exceptions
