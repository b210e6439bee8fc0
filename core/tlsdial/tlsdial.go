// Package tlsdial resolves, dials and shakes hands, writes down everything it sees as evidence, and only then lets the
// real verification decide. Its Conn keeps an alert that arrives late.
package tlsdial
