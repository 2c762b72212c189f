package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

type object map[string]any

// writeCNI writes the CNI configuration list at once or not at all: containerd watches the folder.
//
// Pods are joined by ptp, one veth pair each, so that Services work without br_netfilter. Their addresses are kept on
// a tmpfs: a reboot ends all pods of a node, and so their leases.
func writeCNI(path, podCIDR string, mtu int) error {
	content, err := json.MarshalIndent(object{
		"cniVersion": "0.3.1",
		"name":       "flannel",
		"plugins": []object{
			{
				"type": "ptp",
				"mtu":  mtu,
				"ipam": object{
					"type":    "host-local",
					"dataDir": "/run/cni-ipam-state",
					"ranges":  [][]object{{{"subnet": podCIDR}}},
					"routes":  []object{{"dst": "0.0.0.0/0"}},
				},
			},
			{"type": "portmap", "capabilities": object{"portMappings": true}},
		},
	}, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	// containerd reads only names that end in .conf, .conflist or .json.
	draft := path + ".new"
	if err := os.WriteFile(draft, append(content, '\n'), 0o644); err != nil {
		return fmt.Errorf("writing the CNI configuration: %w", err)
	}
	return os.Rename(draft, path)
}
