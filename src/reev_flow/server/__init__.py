"""The local server: spans in over HTTP and gRPC, and word of itself."""
