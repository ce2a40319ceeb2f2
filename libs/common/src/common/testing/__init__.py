"""What tests stand on: real NATS and S3 on free ports, a token issuer, and services served over real sockets."""
