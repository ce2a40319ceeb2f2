"""`python -m processor.rendering.workers FD PARENT MEMORY IN_FRONT ROOT [TEMPLATE]`: started by the service, with a socket
that it inherits. With the folder of a template that a stranger wrote it is locked down to that."""

import socket
import sys
from pathlib import Path

from processor.rendering.workers import process

if __name__ == "__main__":
    descriptor, parent, memory, in_front = map(int, sys.argv[1:5])
    process.be_a_child_of(parent, memory=memory, in_front=bool(in_front))
    with socket.socket(fileno=descriptor) as connection:
        process.serve(connection, *map(Path, sys.argv[5:]), warm=bool(in_front))
