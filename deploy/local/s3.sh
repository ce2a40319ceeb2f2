#!/bin/sh
# SeaweedFS as the local S3: one process, on loopback only, its other ports named so that stacks do not collide.
# The credentials come from the environment; the file that carries them is readable by its owner alone.
set -eu
umask 077
cd "$RESUMAX_DATA/s3"
cat > identities.json <<JSON
{"identities": [{"name": "resumax", "actions": ["Admin", "Read", "Write", "List", "Tagging"],
  "credentials": [{"accessKey": "$RESUMAX_S3_ACCESS_KEY", "secretKey": "$RESUMAX_S3_SECRET_KEY"}]}]}
JSON
# `mini` makes an administrator of these when they are set, and buckets of this one
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY S3_BUCKET
# Sockets by relative name: a socket's path may not exceed 107 bytes, the data folder's may.
exec weed -logtostderr=true mini -dir=. -ip=127.0.0.1 -ip.bind=127.0.0.1 -master.telemetry=false \
  -webdav=false -admin.ui=false -s3.port.iceberg=0 -s3.port.lance=0 -s3.config=identities.json \
  -s3.port="$S3_PORT" -s3.port.grpc="$S3_GRPC_PORT" -s3.localSocket=s3.sock \
  -master.port="$S3_MASTER_PORT" -master.port.grpc="$S3_MASTER_GRPC_PORT" \
  -volume.port="$S3_VOLUME_PORT" -volume.port.grpc="$S3_VOLUME_GRPC_PORT" \
  -filer.port="$S3_FILER_PORT" -filer.port.grpc="$S3_FILER_GRPC_PORT" -filer.localSocket=filer.sock \
  -admin.port="$S3_WORKER_PORT" -admin.port.grpc="$S3_WORKER_GRPC_PORT"
