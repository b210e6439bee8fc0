package lab

// protocolFaults are those of what the port speaks, and of how it wants to be spoken to.
var protocolFaults = []fault{}
