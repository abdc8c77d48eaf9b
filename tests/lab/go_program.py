# SPDX-License-Identifier: LGPL-2.1-or-later
"""Go programs compiled with Debian's Go 1.24. Those of Debian's packages do not listen with MPTCP by default: they are
built without a module that declares Go 1.24."""

import subprocess

from debian import apt_sources, digest, made_once, unpacked

TOOLCHAIN = ("trixie", "golang-1.24-go", "golang-1.24-src")
LISTENER = """
package main

import (
	"context"
	"net"
	"os"
)

func main() {
	config := net.ListenConfig{}
	if len(os.Args) > 2 {
		config.SetMultipathTCP(os.Args[2] == "mptcp")
	}
	listener, err := config.Listen(context.Background(), "tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		panic(err)
	}
	for {
		if connection, err := listener.Accept(); err == nil {
			connection.Close()
		}
	}
}
"""


def listener():
    """A static program that listens on the port that it is given. A second argument, `mptcp` or `tcp`, calls
    SetMultipathTCP. LabError if Go 1.24 is not available here."""
    with made_once(f"go-listener-{digest(LISTENER, TOOLCHAIN, apt_sources(TOOLCHAIN[0]))}") as (made, empty):
        if empty:
            root = unpacked(*TOOLCHAIN) / "usr/lib/go-1.24"
            (empty / "main.go").write_text(LISTENER)
            (empty / "go.mod").write_text("module listener\n\ngo 1.24\n")
            subprocess.run([root / "bin/go", "build", "-o", "listener", "."], cwd=empty, check=True, timeout=600,
                           env={"PATH": "/usr/bin:/bin", "HOME": str(empty), "GOROOT": str(root), "GOTOOLCHAIN": "local",
                                "CGO_ENABLED": "0", "GOCACHE": str(empty / "cache")})
            subprocess.run(["rm", "-rf", empty / "cache"], check=True)
    return made / "listener"
