module clusterproof/node-image

go 1.24
