"""The Kubernetes manifests, and their check: `deploy/k8s/validate.py`."""
