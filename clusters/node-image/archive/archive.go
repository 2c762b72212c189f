package main

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// searchPath is the PATH in every image: static pods name their command without a folder.
const searchPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// archive is a `docker save` archive: layers and configurations by digest, and a manifest that joins them.
type archive struct {
	file     *os.File
	writer   *tar.Writer
	scratch  string
	layers   map[*layer]string // digests of the layers that are in the archive
	manifest []manifestEntry
}

type manifestEntry struct {
	Config   string
	RepoTags []string
	Layers   []string
}

func create(path string) (*archive, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return &archive{file: file, writer: tar.NewWriter(file), scratch: path + ".layer", layers: map[*layer]string{}}, nil
}

// image adds an image of these layers under name, the first layer lowest.
func (a *archive) image(name string, entrypoint []string, layers ...*layer) error {
	entry := manifestEntry{RepoTags: []string{name}}
	diffIDs := []string{}
	for _, l := range layers {
		digest, err := a.layer(l)
		if err != nil {
			return fmt.Errorf("layer of %s: %w", name, err)
		}
		diffIDs = append(diffIDs, "sha256:"+digest)
		entry.Layers = append(entry.Layers, digest+"/layer.tar")
	}
	config, err := json.Marshal(map[string]any{
		"architecture": runtime.GOARCH,
		"os":           "linux",
		"config":       map[string]any{"Entrypoint": entrypoint, "Env": []string{searchPath}},
		"rootfs":       map[string]any{"type": "layers", "diff_ids": diffIDs},
		// The name makes the configuration, and with it the image's ID, the image's own: kubelet speaks of images by ID.
		"history": []map[string]any{{"created_by": "clusterproof: " + name}},
	})
	if err != nil {
		return err
	}
	digest := sha256.Sum256(config)
	entry.Config = hex.EncodeToString(digest[:]) + ".json"
	a.manifest = append(a.manifest, entry)
	return a.bytes(entry.Config, config)
}

// layer puts a layer into the archive, once, and returns its digest.
func (a *archive) layer(l *layer) (string, error) {
	if digest, known := a.layers[l]; known {
		return digest, nil
	}
	digest, err := l.write(a.scratch)
	if err != nil {
		return "", err
	}
	defer os.Remove(a.scratch)
	a.layers[l] = digest
	return digest, entry{source: a.scratch}.write(a.writer, filepath.Join(digest, "layer.tar"))
}

func (a *archive) bytes(name string, content []byte) error {
	if err := a.writer.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644, Size: int64(len(content))}); err != nil {
		return err
	}
	_, err := a.writer.Write(content)
	return err
}

func (a *archive) close() error {
	manifest, err := json.Marshal(a.manifest)
	if err != nil {
		return err
	}
	if err := a.bytes("manifest.json", manifest); err != nil {
		return err
	}
	if err := a.writer.Close(); err != nil {
		return err
	}
	return a.file.Close()
}
