package main

import (
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
)

// tools are programs of a root file system that an image needs, with the libraries that they need.
type tools struct {
	programs []string
	folders  []string          // folders of plugins in the library folder
	links    map[string]string // by absolute path: the target
}

// links makes a link in folder for every name, all to the same target.
func links(folder, target string, names ...string) map[string]string {
	all := map[string]string{}
	for _, name := range names {
		all[folder+name] = target
	}
	return all
}

// addTo copies the tools from rootfs into the layer; it fails if a program or a library is missing.
func (t tools) addTo(l *layer, rootfs string) error {
	// Debian 13 has /lib and /lib64 as links into /usr; the image gets the same.
	l.link("/lib", "usr/lib")
	l.link("/lib64", "usr/lib64")
	libraries, err := filepath.Glob(rootfs + "/usr/lib/*-linux-gnu")
	if err != nil || len(libraries) != 1 {
		return fmt.Errorf("%s has no single library folder: %v", rootfs, libraries)
	}
	folder := libraries[0][len(rootfs):]

	wanted := append([]string{}, t.programs...)
	for _, plugins := range t.folders {
		files, err := filepath.Glob(rootfs + filepath.Join(folder, plugins, "*.so"))
		if err != nil || len(files) == 0 {
			return fmt.Errorf("%s has nothing in %s/%s", rootfs, folder, plugins)
		}
		for _, file := range files {
			wanted = append(wanted, file[len(rootfs):])
		}
	}
	added := map[string]bool{}
	for len(wanted) > 0 {
		name := wanted[0]
		wanted = wanted[1:]
		if added[name] {
			continue
		}
		added[name] = true
		source, err := resolve(rootfs, name)
		if err != nil {
			return err
		}
		l.file(name, source)
		needs, err := needsOf(source, folder)
		if err != nil {
			return fmt.Errorf("reading %s: %w", source, err)
		}
		wanted = append(wanted, needs...)
	}
	for name, target := range t.links {
		l.link(name, target)
	}
	return nil
}

// resolve follows links inside the root file system, as a process within it would.
func resolve(rootfs, name string) (string, error) {
	for range 10 {
		info, err := os.Lstat(rootfs + name)
		if err != nil {
			return "", err
		}
		if info.Mode()&os.ModeSymlink == 0 {
			return rootfs + name, nil
		}
		target, err := os.Readlink(rootfs + name)
		if err != nil {
			return "", err
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(name), target)
		}
		name = target
	}
	return "", fmt.Errorf("%s: too many links", name)
}

// needsOf returns the libraries and the loader that an ELF file names.
func needsOf(path, folder string) ([]string, error) {
	file, err := elf.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	needs := []string{}
	names, err := file.ImportedLibraries()
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		needs = append(needs, filepath.Join(folder, name))
	}
	for _, program := range file.Progs {
		if program.Type != elf.PT_INTERP {
			continue
		}
		loader := make([]byte, program.Filesz-1)
		if _, err := program.ReadAt(loader, 0); err != nil {
			return nil, err
		}
		// The loader is named below /lib or /lib64, both links into /usr.
		needs = append(needs, "/usr"+string(loader))
	}
	return needs, nil
}
