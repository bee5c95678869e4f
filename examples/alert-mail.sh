#!/bin/bash
# Send alerts by mail, one message for all that is new or over.
#
#	event-cat -c FILE | alert-rules -c FILE alert-mail.sh ADDRESS
#
# alert-rules gives the records to this program and remembers them only if it
# succeeds: what mail(1) did not take is sent next time.
set -eu -o pipefail

text=$(rec-filter --raw-output '
    "\(.state) (\(.severity)): \(.subject): \(.text)",
    (.detail // empty | "    " + .),
    (.since // empty | "    since " + .)')
mail -s "sluice: ${text%%$'\n'*}" "$1" <<<"$text"
