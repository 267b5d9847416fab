#!/bin/sh
# A smoke test of a running server, with curl: does it do what people come for? Exits with 1 if not.
#   scripts/test-api.sh [URL]               http://localhost:3000 is that of Compose
# It makes an account and deletes it. Where SIGNUP is not open, name an account that is there by EMAIL
# and PASSWORD.
set -eu

url=${1:-http://localhost:3000}
url=${url%/}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0

# ask NAME EXPECTED-STATUS METHOD PATH [JSON]: the answer is in $folder/answer, its status in $status.
ask() {
    name=$1 expected=$2 method=$3 path=$4
    shift 4
    : >"$folder/answer"
    status=$(
        curl --silent --show-error --insecure --max-time 20 --request "$method" \
            ${token:+--header "Authorization: Bearer $token"} \
            ${1+--header 'Content-Type: application/json' --data "$1"} \
            --output "$folder/answer" --write-out '%{http_code}' "$url$path"
    ) || status=none
    if [ "$status" = "$expected" ]; then
        echo "ok      $name"
    else
        echo "FAILED  $name: $method $path was answered with $status instead of $expected"
        failed=1
    fi
}

# member NAME: the first of that name in the answer, where it is a plain string or number.
member() {
    grep -o "\"$1\": *\"\{0,1\}[^\",}]*" "$folder/answer" | head -n 1 | sed 's/.*[: "]//'
}

connects() {
    status=$(
        curl --silent --insecure --max-time 1 --http1.1 --output /dev/null --write-out '%{http_code}' \
            --header "Connection: Upgrade" --header "Upgrade: websocket" \
            --header "Sec-WebSocket-Version: 13" \
            --header "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==" "$url/ws"
    ) || true # it stays open
    if [ "$status" = 101 ]; then
        echo "ok      /ws opens"
    else
        echo "FAILED  /ws opens: it was answered with $status instead of 101"
        failed=1
    fi
}

token=
ask "the server is alive" 200 GET /health
ask "the server is ready" 200 GET /health/ready
ask "the page is there" 200 GET /
ask "a wrong path is none" 404 GET /nothing-is-here
ask "the API describes itself" 200 GET /api
ask "strangers see no accounts" 401 GET /users
connects

if [ -n "${EMAIL-}" ]; then
    email=$EMAIL password=${PASSWORD?with EMAIL}
    login="{\"email\": \"$email\", \"password\": \"$password\"}"
else
    word=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
    email=smoke-$word@example.com password=$word
    login="{\"email\": \"$email\", \"password\": \"$password\"}"
    ask "somebody signs up" 201 POST /auth/signup \
        "{\"email\": \"$email\", \"password\": \"$password\", \"name\": \"Smoke test\"}"
fi
ask "and signs in" 200 POST /auth/login "$login"
token=$(member token)
ask "who it is" 200 GET /users/me
ask "a meeting is made" 201 POST /meetings '{"title": "Smoke test"}'
meeting=$(member id)
ask "and found" 200 GET "/meetings/$meeting"
ask "and ended" 204 POST "/meetings/$meeting/end"
ask "a post is written" 201 POST /blogs '{"title": "Smoke test", "content": "*Smoke*"}'
post=$(member id)
ask "and deleted" 204 DELETE "/blogs/$post"
ask "a group is made" 201 POST /conversations '{"kind": "group", "title": "Smoke", "user_ids": []}'
group=$(member id)
ask "something is said" 201 POST "/conversations/$group/messages" '{"content": "Hello"}'
ask "and read" 200 GET "/conversations/$group/messages"
if [ -z "${EMAIL-}" ]; then
    ask "the account is deleted" 204 DELETE /users/me "{\"password\": \"$password\"}"
fi
exit $failed
