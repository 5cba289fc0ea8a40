"""The boundary around child processes: namespaces, Landlock, seccomp, or Seatbelt."""
