package main

// Registers the JSON log format, as the components' own main packages do.
import _ "k8s.io/component-base/logs/json/register"
