module clusterproof/node-image/archive

go 1.24
