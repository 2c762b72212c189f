package main

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path"
	"sort"
	"strings"
)

// layer is a set of files and links of an image, owned by root and readable by all.
type layer struct {
	entries map[string]entry // by absolute path in the image
}

// entry is a file copied from source, a link to target, or, with neither, a folder.
type entry struct{ source, target string }

func newLayer() *layer { return &layer{entries: map[string]entry{}} }

func (l *layer) file(name, source string) { l.add(name, entry{source: source}) }

func (l *layer) link(name, target string) { l.add(name, entry{target: target}) }

func (l *layer) add(name string, e entry) {
	l.entries[name] = e
	for dir := path.Dir(name); dir != "/"; dir = path.Dir(dir) {
		if _, known := l.entries[dir]; !known {
			l.entries[dir] = entry{}
		}
	}
}

// write writes the layer as a tar archive to path and returns its sha256; the same content gives the same bytes.
func (l *layer) write(path string) (string, error) {
	file, err := os.Create(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	digest := sha256.New()
	writer := tar.NewWriter(io.MultiWriter(file, digest))
	for _, name := range l.names() {
		if err := l.entries[name].write(writer, strings.TrimPrefix(name, "/")); err != nil {
			return "", err
		}
	}
	if err := writer.Close(); err != nil {
		return "", err
	}
	return hex.EncodeToString(digest.Sum(nil)), file.Close()
}

// names are sorted, so that a folder stands before what it holds.
func (l *layer) names() []string {
	names := make([]string, 0, len(l.entries))
	for name := range l.entries {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

func (e entry) write(writer *tar.Writer, name string) error {
	switch {
	case e.target != "":
		return writer.WriteHeader(&tar.Header{Typeflag: tar.TypeSymlink, Name: name, Linkname: e.target, Mode: 0o777})
	case e.source == "":
		return writer.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: name + "/", Mode: 0o755})
	}
	source, err := os.Open(e.source)
	if err != nil {
		return err
	}
	defer source.Close()
	info, err := source.Stat()
	if err != nil {
		return err
	}
	header := &tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o755, Size: info.Size()}
	if err := writer.WriteHeader(header); err != nil {
		return err
	}
	_, err = io.Copy(writer, source)
	return err
}
