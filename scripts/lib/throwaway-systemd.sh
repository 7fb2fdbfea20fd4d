#!/usr/bin/env bash
# Boots a throw-away systemd as process 1 of namespaces of its own: a test's machine, gone without a trace when this
# script's process is killed. Nothing of the host is written: its root is the lower layer of an overlay in memory.
#
# usage, as root: throwaway-systemd.sh STATE_DIR TREE
#   STATE_DIR  an empty folder; the file `init` in it holds the process ID of the new process 1 for nsenter
#   TREE       a folder laid over the host's root: what is installed on the machine
set -euo pipefail

boot() {
    local state=$1 tree=$2 unified=/sys/fs/cgroup group
    # Hosts with the old hierarchies beside the new one have the new one here.
    [ ! -d /sys/fs/cgroup/unified ] || unified=/sys/fs/cgroup/unified
    [ -e "$unified/cgroup.procs" ] || { echo "no cgroup v2 hierarchy at $unified: this machine cannot run systemd" >&2; exit 1; }
    group=$unified/apatite-test-$$
    mkdir "$group"
    echo "$group" >"$state/cgroup"
    echo $BASHPID >"$group/cgroup.procs"
    exec unshare --fork --pid --mount --uts --ipc --cgroup --net --propagation private --kill-child=SIGKILL \
        bash "$0" --inside "$state" "$tree"
}

inside() {
    local state=$1 tree=$2 root unit device
    hostname apatite-test
    mkdir -p "$state/layers"
    mount -t tmpfs -o mode=755 tmpfs "$state/layers"
    root=$state/layers/root
    mkdir "$state/layers/upper" "$state/layers/work" "$root"
    # Copied, since the tree may itself lie below the host's root, and layers must not overlap.
    cp -r "$tree/." "$state/layers/upper"
    chmod -R go+rX "$state/layers/upper"
    mount -t overlay -o "lowerdir=/,upperdir=$state/layers/upper,workdir=$state/layers/work" overlay "$root"

    mount -t proc proc "$root/proc"
    # Kernel settings belong to the host.
    mount --bind "$root/proc/sys" "$root/proc/sys"
    mount -o remount,ro,bind "$root/proc/sys"
    mount -t sysfs -o ro sysfs "$root/sys"
    mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
    mount -t tmpfs -o mode=755 tmpfs "$root/dev"
    for device in null zero full random urandom tty; do
        touch "$root/dev/$device"
        mount --bind "/dev/$device" "$root/dev/$device"
    done
    mkdir "$root/dev/pts" "$root/dev/shm"
    mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
    mount -t tmpfs tmpfs "$root/dev/shm"
    ln -s pts/ptmx "$root/dev/ptmx"
    ln -s /proc/self/fd "$root/dev/fd"
    mount -t tmpfs -o mode=755 tmpfs "$root/run"
    mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"

    : >"$root/etc/machine-id"
    rm -rf "$root"/etc/systemd/system/*.wants "$root/var/log/journal"
    # What needs hardware, a console or the host's kernel.
    for unit in systemd-timesyncd.service systemd-udevd.service systemd-udev-trigger.service systemd-networkd.service \
        systemd-logind.service systemd-random-seed.service systemd-remount-fs.service systemd-firstboot.service \
        systemd-machine-id-commit.service getty@tty1.service console-getty.service tmp.mount dev-hugepages.mount \
        dev-mqueue.mount sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount \
        sys-fs-fuse-connections.mount proc-sys-fs-binfmt_misc.automount; do
        ln -sf /dev/null "$root/etc/systemd/system/$unit"
    done

    mkdir -p "$root/.host"
    cd "$root"
    pivot_root . .host
    cd /
    umount -l /.host
    exec env -i container=apatite-test PATH=/usr/sbin:/usr/bin:/sbin:/bin \
        /lib/systemd/systemd --system --unit=basic.target --log-target=journal --show-status=0
}

if [ "$1" = --inside ]; then
    shift
    inside "$@"
else
    boot "$@"
fi
