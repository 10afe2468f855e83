#!/usr/bin/env bash
# A small S3 server with Object Lock for the tests: one Ceph monitor, one OSD in memory and one radosgw, on loopback and
# without systemd. Needs the Debian packages ceph-mon, ceph-osd, radosgw and ceph-common.
# usage: rgw.sh start|stop DIR PORT MONPORT        (environment: AK, SK keys of the user; LC_SECONDS length of a lifecycle day)
set -euo pipefail
command=$1 dir=$2 port=$3 monport=$4
conf=$dir/ceph.conf

stop() {
  for name in rgw osd mon; do
    if [ -f "$dir/$name.pid" ]; then kill -9 "$(cat "$dir/$name.pid")" 2>/dev/null || true; fi
    rm -f "$dir/$name.pid"
  done
}

configure() {
  mkdir -p "$dir"/{mon,osd,rgw,run,log}
  cat >"$conf" <<EOF
[global]
fsid = $1
mon host = [v1:127.0.0.1:$monport]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
ms bind msgr2 = false
auth cluster required = none
auth service required = none
auth client required = none
run dir = $dir/run
admin socket = $dir/run/\$cluster-\$name.asok
log file = $dir/log/\$name.log
log to stderr = false
crash dir = $dir/run
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon warn on pool no redundancy = false
mon max pg per osd = 1000
paxos propose interval = 0.02
paxos min wait = 0.01
[mon]
mon data = $dir/mon
mon initial members = a
mon data avail crit = 1
mon data avail warn = 2
auth allow insecure global id reclaim = true
[osd]
osd data = $dir/osd
osd objectstore = memstore
memstore device bytes = 1073741824
osd journal =
osd class update on start = false
osd max object name len = 1024
osd op num shards = 1
osd op num threads per shard = 2
osd memory target = 939524096
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:$port
rgw data = $dir/rgw
rgw thread pool size = 16
rgw enable usage log = false
rgw enable ops log = false
rgw run sync thread = false
rgw dns name = localhost
rgw lc debug interval = ${LC_SECONDS:--1}
rgw gc max objs = 1
rgw lc max objs = 1
rgw objexp hints num shards = 1
EOF
}

start_osd() { # an OSD may end silently just after its start: then it is started again
  for _ in 1 2 3 4 5; do
    ceph-osd -c "$conf" -i 0 -f </dev/null >>"$dir/log/osd.out" 2>&1 &
    local pid=$!
    echo "$pid" >"$dir/osd.pid"
    for _ in $(seq 150); do
      $ceph osd stat 2>/dev/null | grep -q ' 1 up' && return 0
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
    kill -9 "$pid" 2>/dev/null || true
  done
  return 1
}

start() {
  local fsid
  fsid=$(cat /proc/sys/kernel/random/uuid)
  configure "$fsid"
  monmaptool --create --addv a "[v1:127.0.0.1:$monport]" --fsid "$fsid" "$dir/monmap" >/dev/null
  ceph-mon -c "$conf" --mkfs -i a --monmap "$dir/monmap" --mon-data "$dir/mon"
  ceph-mon -c "$conf" -i a -f </dev/null >"$dir/log/mon.out" 2>&1 &
  echo $! >"$dir/mon.pid"
  ceph="ceph -c $conf --connect-timeout 30"
  local uuid
  uuid=$(cat /proc/sys/kernel/random/uuid)
  $ceph osd new "$uuid" >/dev/null
  $ceph osd require-osd-release pacific --yes-i-really-mean-it >/dev/null 2>&1 || true
  ceph-osd -c "$conf" -i 0 --mkfs --osd-uuid "$uuid" >"$dir/log/osd-mkfs.out" 2>&1
  $ceph osd crush add osd.0 1.0 host=localhost root=default >/dev/null 2>&1 || true
  start_osd || { echo 'the OSD did not come up' >&2; stop; exit 1; }
  radosgw -c "$conf" -n client.rgw -f </dev/null >"$dir/log/rgw.out" 2>&1 &
  echo $! >"$dir/rgw.pid"
  for _ in $(seq 300); do (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break; sleep 0.1; done
  timeout 60 radosgw-admin -c "$conf" -n client.rgw user create --uid=tests --display-name=tests \
    --access-key="$AK" --secret-key="$SK" >/dev/null
}

case $command in
  start) start ;;
  stop) stop ;;
  *) echo "usage: $0 start|stop DIR PORT MONPORT" >&2; exit 2 ;;
esac
