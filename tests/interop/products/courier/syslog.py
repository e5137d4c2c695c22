"""Prints what is sent to the datagram socket named as argument, line by line."""
import os
import socket
import sys

server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
server.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o666)
while True:
    print(server.recv(65536).decode("utf-8", "replace").rstrip("\n\0"), flush=True)
