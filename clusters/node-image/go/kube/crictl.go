package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

const (
	criSocket = "unix:///run/containerd/containerd.sock"
	// As the kubelet has it: a node's list of images may be longer than gRPC's 4 MiB.
	criMessageLimit = 16 << 20
)

// newCrictlCommand is the part of crictl that concerns images. The module of the real one cannot be had here; what this
// one does is called, and answered, in the same words.
func newCrictlCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "crictl",
		Short:         "Pulls, lists and removes images through CRI: these parts of crictl, and no others",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.CompletionOptions.DisableDefaultCmd = true
	endpoint := root.PersistentFlags().StringP("runtime-endpoint", "r", criSocket, "endpoint of the container runtime")
	// with gives a command the runtime's image service.
	with := func(do func(context.Context, cri.ImageServiceClient, []string) error) func(*cobra.Command, []string) error {
		return func(cmd *cobra.Command, args []string) error {
			connection, err := grpc.NewClient(*endpoint,
				grpc.WithTransportCredentials(insecure.NewCredentials()),
				grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(criMessageLimit)))
			if err != nil {
				return err
			}
			defer connection.Close()
			return do(cmd.Context(), cri.NewImageServiceClient(connection), args)
		}
	}
	output := "table"
	images := &cobra.Command{
		Use:     "images",
		Aliases: []string{"image", "img"},
		Short:   "List images",
		Args:    cobra.NoArgs,
		RunE: with(func(ctx context.Context, service cri.ImageServiceClient, _ []string) error {
			return listImages(ctx, service, output, os.Stdout)
		}),
	}
	images.Flags().StringVarP(&output, "output", "o", output, "json or table")
	root.AddCommand(images, &cobra.Command{
		Use:   "pull IMAGE",
		Short: "Pull an image",
		Args:  cobra.ExactArgs(1),
		RunE:  with(pullImage),
	}, &cobra.Command{
		Use:   "rmi IMAGE...",
		Short: "Remove images",
		Args:  cobra.MinimumNArgs(1),
		RunE:  with(removeImages),
	})
	return root
}

// runCrictl returns the exit code.
func runCrictl() int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := newCrictlCommand().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "crictl:", err)
		return 1
	}
	return 0
}

func pullImage(ctx context.Context, service cri.ImageServiceClient, args []string) error {
	answer, err := service.PullImage(ctx, &cri.PullImageRequest{Image: &cri.ImageSpec{Image: args[0]}})
	if err != nil {
		return fmt.Errorf("pulling image: %w", err)
	}
	fmt.Printf("Image is up to date for %s\n", answer.ImageRef)
	return nil
}

// listedImage has the fields of crictl's JSON; there too the size is a string.
type listedImage struct {
	ID          string   `json:"id"`
	RepoTags    []string `json:"repoTags"`
	RepoDigests []string `json:"repoDigests"`
	Size        uint64   `json:"size,string"`
	Username    string   `json:"username"`
	Pinned      bool     `json:"pinned"`
}

// sizeOf reads a field whose name depends on what generated the type: Size_ up to Kubernetes 1.33, Size from 1.34 on.
func sizeOf(image any) uint64 {
	switch image := image.(type) {
	case interface{ GetSize() uint64 }:
		return image.GetSize()
	case interface{ GetSize_() uint64 }:
		return image.GetSize_()
	default:
		panic(fmt.Sprintf("crictl: the size of a %T is unknown", image))
	}
}

func listImages(ctx context.Context, service cri.ImageServiceClient, output string, out io.Writer) error {
	if output != "json" && output != "table" {
		return fmt.Errorf("-o %s: it is json or table", output)
	}
	answer, err := service.ListImages(ctx, &cri.ListImagesRequest{})
	if err != nil {
		return fmt.Errorf("listing images: %w", err)
	}
	listed := make([]listedImage, 0, len(answer.Images))
	for _, image := range answer.Images {
		listed = append(listed, listedImage{
			ID:          image.Id,
			RepoTags:    append([]string{}, image.RepoTags...),
			RepoDigests: append([]string{}, image.RepoDigests...),
			Size:        sizeOf(image),
			Username:    image.Username,
			Pinned:      image.Pinned,
		})
	}
	if output == "json" {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(map[string][]listedImage{"images": listed})
	}
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "IMAGE\tIMAGE ID\tSIZE")
	for _, image := range listed {
		for _, name := range append(image.RepoTags, "<none>")[:max(1, len(image.RepoTags))] {
			fmt.Fprintf(table, "%s\t%.13s\t%d\n", name, strings.TrimPrefix(image.ID, "sha256:"), image.Size)
		}
	}
	return table.Flush()
}

// removeImages removes each that it can.
func removeImages(ctx context.Context, service cri.ImageServiceClient, names []string) error {
	var failures []error
	for _, name := range names {
		spec := &cri.ImageSpec{Image: name}
		found, err := service.ImageStatus(ctx, &cri.ImageStatusRequest{Image: spec})
		if err == nil && found.Image == nil {
			err = errors.New("no such image")
		}
		if err == nil {
			_, err = service.RemoveImage(ctx, &cri.RemoveImageRequest{Image: spec})
		}
		if err != nil {
			failures = append(failures, fmt.Errorf("removing image %s: %w", name, err))
			continue
		}
		for _, tag := range append(found.Image.RepoTags, name)[:max(1, len(found.Image.RepoTags))] {
			fmt.Printf("Deleted: %s\n", tag)
		}
	}
	return errors.Join(failures...)
}
