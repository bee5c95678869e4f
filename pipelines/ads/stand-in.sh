#!/bin/bash
# stand-in.sh COMMAND... -- run it as if the loopback site at SITE were the
# API.  What a person would have in SECRETS is made up, as the accounts are.
set -u
export ADS=$SITE/v17 SECRETS=$DATA/.make/$SOURCE/secrets
(
	umask 077
	mkdir -p "$SECRETS" && cd "$SECRETS" || exit
	jq -n --arg uri "$SITE/token" '{token_uri: $uri,
	    client_id: "made-up-client",
	    client_secret: "made-up-client-secret",
	    refresh_token: "made-up-refresh-token"}' >client.json &&
		echo made-up-developer-token >developer-token &&
		echo 1112223333 >login-customer-id
) || exit
exec "$@"
