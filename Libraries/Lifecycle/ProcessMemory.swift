import CMalloc

/// How this process deals with memory.
public enum ProcessMemory {
  /// Keeps up to 32 MiB of what was freed, for a process in which buffers of some megabytes come and go all the time: what
  /// the allocator gives back to the kernel it asks for again a moment later, with a page fault for every 4 KiB. Of two
  /// arenas instead of eight for each core, little lies idle. To be called before there are threads.
  public static func keepBuffers() {
    _ = mallopt(M_ARENA_MAX, 2)
    _ = mallopt(M_MMAP_THRESHOLD, 32 << 20)
    _ = mallopt(M_TRIM_THRESHOLD, 32 << 20)
  }
}
