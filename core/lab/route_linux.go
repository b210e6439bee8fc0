package lab

// unroutable is an address that no connection can be made to, whatever the network: Linux refuses TCP to the broadcast
// address as it refuses what it has no route for (net/ipv4/tcp_ipv4.c, tcp_v4_connect).
const unroutable = "255.255.255.255"
