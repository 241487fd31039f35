"""The portal: server-rendered pages for people."""
