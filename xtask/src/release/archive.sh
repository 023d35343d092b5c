# Packs `$2`, which lies in the folder `$1`, as the archive `$3`. Its bytes depend on nothing but the content: sorted, of a fixed time, and
# with the rights that everybody has.
set -eu
export LC_ALL=C
# A zip has local times.
export TZ=UTC0
cd "$1"
chmod -R u=rwX,go=rX "$2"
# The oldest time that a zip can have is in 1980.
find "$2" -exec touch -t 202601010000 {} +
case $3 in
*.zip) find "$2" -type f | sort | zip -X -q -9 -@ "$3" ;;
*) tar --create --format=ustar --sort=name --owner=0 --group=0 --numeric-owner --use-compress-program='gzip -9n' --file "$3" "$2" ;;
esac
