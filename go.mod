module github.com/irmad/irmaserver

go 1.26
