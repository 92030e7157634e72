"""A name server for the check of the static program: answers every question for an IPv4 address with 127.0.0.1.

packaging/dns.py ADDRESS
"""

import socket
import sys

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind((sys.argv[1], 53))
while True:
    query, client = server.recvfrom(512)
    end = query.index(0, 12) + 5
    is_ipv4 = query[end - 4 : end - 2] == b"\0\x01"
    head = query[:2] + b"\x81\x80\0\x01" + (b"\0\x01" if is_ipv4 else b"\0\0") + b"\0\0\0\0"
    answer = b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\x7f\0\0\x01" if is_ipv4 else b""
    server.sendto(head + query[12:end] + answer, client)
