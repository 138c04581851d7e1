#!/bin/sh
# Makes the secrets of the stack, each in a file of its own. Those that are there are kept; remove one to renew it.
#   deploy/secrets.sh [FOLDER]      deploy/secrets beside this script, by default
# Containers read the files with users of their own, so the files are readable and the folder is not.
set -eu
folder=${1:-$(cd "$(dirname "$0")" && pwd)/secrets}
mkdir -p "$folder"
chmod 0700 "$folder"

random() { LC_ALL=C tr -dc 'A-Za-z0-9' </dev/urandom | head -c 40; }

# keep NAME: writes its input to a file, where there is none yet
keep() {
    if [ -e "$folder/$1" ]; then
        cat >/dev/null
        return
    fi
    (umask 077 && cat >"$folder/$1.new")
    chmod 0644 "$folder/$1.new"
    mv "$folder/$1.new" "$folder/$1"
    echo "made $folder/$1"
}

# The password stands in two files: who removes one means both.
if [ ! -e "$folder/redis_acl" ] || [ ! -e "$folder/redis_url" ]; then
    rm -f "$folder/redis_acl" "$folder/redis_url"
    password=$(random)
    # Without a password one may ask whether Redis is well, and nothing else. Ours may not administer it.
    printf 'user default on nopass resetkeys resetchannels -@all +ping\nuser souffleur on >%s ~* &* +@all -@admin\n' \
        "$password" | keep redis_acl
    printf 'redis://souffleur:%s@%s/0\n' "$password" "${REDIS_ADDRESS:-redis:6379}" | keep redis_url
fi
if [ ! -e "$folder/qdrant_key" ] || [ ! -e "$folder/qdrant_config" ]; then
    rm -f "$folder/qdrant_key" "$folder/qdrant_config"
    key=$(random)
    printf '%s\n' "$key" | keep qdrant_key
    printf 'service:\n  api_key: %s\n' "$key" | keep qdrant_config
fi
for name in ticket_key metrics_token engine_token llm_key grafana_password; do
    random | keep "$name"
done
# What is kept of callers is sealed with the first of these keys; each opens what it has sealed. Back it up.
printf '%s:%s\n' "$(date -u +%Y-%m-%d)" "$(head -c 32 /dev/urandom | base64)" | keep data_keys
# Of huggingface.co, for weights whose licence has to be accepted; write it into the file yourself.
printf '' | keep hf_token
