# shellcheck shell=sh
# Run by bin/test inside the services:
# _checks.sh PYTHON [--checks | --with COMMAND... | pytest arguments].
set -eu
python=$1
shift

# step NAME COMMAND...: runs a check, says how long it took; the first that fails ends the run.
step() {
    name=$1
    shift
    printf -- '-- %s\n' "$name"
    begun=$(date +%s)
    if "$@"; then
        printf -- '-- %s: ok, %s s\n' "$name" "$(($(date +%s) - begun))"
    else
        status=$?
        printf -- '-- %s: FAILED, %s s\n' "$name" "$(($(date +%s) - begun))"
        printf -- '   Run it alone: %s\n' "${hint:-.venv/bin/python -m ${name}}"
        exit "$status"
    fi
}

deploy_check() {
    env DJANGO_SETTINGS_MODULE=config.settings.production PROCESS_TYPE=web \
        ALLOWED_HOSTS=frontdesk.example SITE_URL=https://frontdesk.example \
        REALTIME_URL=wss://frontdesk.example DEFAULT_FROM_EMAIL=desk@frontdesk.example \
        EMAIL_URL=smtp://mail.frontdesk.example:587?tls=1 \
        "$python" manage.py check --deploy --fail-level WARNING
}

all_checks() {
    hint='.venv/bin/python -m ruff format .'
    step 'ruff format --check' "$python" -m ruff format --check .
    hint='.venv/bin/python -m ruff check --fix .'
    step 'ruff check' "$python" -m ruff check .
    hint='bin/test --with mypy .'
    step 'mypy' "$python" -m mypy .
    hint='.venv/bin/lint-imports'
    step 'lint-imports' "$python" -c \
        'import sys; from importlinter.cli import lint_imports_command as c; sys.argv[0] = "lint-imports"; c()'
    hint='bin/test --with python manage.py makemigrations'
    step 'makemigrations --check' "$python" manage.py makemigrations --check --dry-run
    hint='bin/test --checks'
    step 'check --deploy' deploy_check
}

case ${1:-} in
'')
    all_checks
    printf -- '-- pytest\n'
    exec "$python" -m pytest -n "${TEST_PROCESSES:-2}" --dist loadgroup -m 'not drill'
    ;;
--checks)
    all_checks
    ;;
--with)
    shift
    exec "$@"
    ;;
*)
    for argument in "$@"; do
        case $argument in
        -m | -m*) exec "$python" -m pytest "$@" ;;
        esac
    done
    exec "$python" -m pytest -m 'not drill' "$@"
    ;;
esac
