package diagnose

// Readable is what every sentence must be, for the tests outside the package too.
var Readable = readable
