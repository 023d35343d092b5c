# Writes the checksums of files for Maven Central, signs the files if there is a gpg, and verifies what came out: sh sign.sh HOME FILE...
# The key is the one that BANANATECH_SIGNING_KEY names, in GnuPG's own folder, or else one of the rehearsal, in the folder HOME. That stays from
# run to run, and its time stands still: so its signatures are the same each time.
set -eu
home=$1
shift
for file; do
    for kind in md5 sha1 sha256; do
        sum=$("${kind}sum" "$file")
        printf '%s' "${sum%% *}" >"$file.$kind"
    done
done
command -v gpg >/dev/null || exit 0
gpg() {
    # shellcheck disable=SC2086
    command gpg --batch --quiet --yes $options "$@"
}
if [ -n "${BANANATECH_SIGNING_KEY+named}" ]; then
    options=
    key=$BANANATECH_SIGNING_KEY
else
    options='--faked-system-time=20260101T000000! --pinentry-mode=loopback'
    key='Nobody (rehearsal of a release)'
    export GNUPGHOME="$home"
    # GnuPG leaves an agent running.
    trap 'gpgconf --kill all' EXIT
    if [ ! -d "$home" ]; then
        mkdir -m 700 "$home"
        gpg --passphrase= --quick-generate-key "$key" rsa3072 sign never
    fi
fi
for file; do
    gpg --armor --detach-sign --local-user "$key" --output "$file.asc" "$file"
    gpg --verify "$file.asc" "$file"
done
