#!/bin/sh
# Tries a package in a clean root that debootstrap makes, as root: it installs, a mailbox works after
# three commands, an upgrade touches neither data nor configuration, removal keeps both, and a purge
# takes all but messages.
#
#     cargo xtask deb --output /tmp/debian
#     sh deploy/debian/try.sh /tmp/debian/restante_*.deb /tmp/clean-root
set -eu

package=$1
root=$2

[ -e "$root/bin/sh" ] || debootstrap --variant=minbase bookworm "$root"
echo "127.0.0.1 localhost" > "$root/etc/hosts"
cp "$package" "$root/old.deb"
# The same, as a later version.
tree=$(mktemp -d)
dpkg-deb --raw-extract "$package" "$tree"
sed -i 's/^Version: .*/&+later/' "$tree/DEBIAN/control"
dpkg-deb --root-owner-group --build "$tree" "$root/new.deb" > /dev/null
rm -r "$tree"
printf 'secret\n' > "$root/password"

exec chroot "$root" /bin/sh -eu <<'INSIDE'
export DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin
alice="/CN=Alice/O=Example/PRMD=PEER/ADMD= /C=GB/"
sums() { (cd /var/lib/restante && sha256sum accounts.toml log/*.log); }
step() { echo "== $*"; }

step install
command -v adduser > /dev/null || { apt-get update -qq && apt-get install -qq adduser > /dev/null; }
dpkg -i /old.deb
[ "$(stat -c '%U %a' /var/lib/restante)" = "restante 700" ]
[ "$(stat -c '%U %G %a' /etc/restante/restante.toml)" = "root restante 640" ]
[ -e /lib/systemd/system/restante.service ]

step serve
setsid runuser -u restante -- sh -c 'cd / && exec restante serve' > /serve.log 2>&1 &
until grep -q listening /serve.log; do
    kill -0 $! || { cat /serve.log; exit 1; }
    sleep 0.2
done

step three commands
restante manager add chief --password-file /password
restante user add "$alice" --password-file /password
restante ua list --user "$alice" --password-file /password
restante ua send --user "$alice" --to "$alice" --subject Hello --password-file /password Hello
RESTANTE_PASSWORD=secret restante backup --user chief --destination nightly --all
restante stats /var/log/restante/audit*.log > /dev/null

step upgrade
echo "# mine" >> /etc/restante/restante.toml
sums > /before
dpkg -i /new.deb
sums | diff /before -
grep -q "# mine" /etc/restante/restante.toml
restante ua list --user "$alice" --password-file /password | grep -q Hello

step remove
kill -TERM $!
while pidof restante > /dev/null; do sleep 0.2; done
sums > /before
dpkg -r restante
sums | diff /before -
grep -q "# mine" /etc/restante/restante.toml

step purge
dpkg -i /new.deb
dpkg -P restante
[ ! -e /etc/restante ] && [ ! -e /var/log/restante ] && [ ! -e /var/cache/restante ]
sums | diff /before -
rm -r /var/lib/restante/*
dpkg -i /old.deb
dpkg -P restante
[ ! -e /var/lib/restante ] && ! id restante 2> /dev/null
step "all as it should be"
INSIDE
