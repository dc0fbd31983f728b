import CCrypto

/// Returns `count` bytes that nobody can guess, from libcrypto's generator seeded by the kernel.
///
/// Stops the process if the generator has no entropy: a predictable secret is worse than no service.
public func randomBytes(_ count: Int) -> [UInt8] {
  [UInt8](unsafeUninitializedCapacity: count) { bytes, initialized in
    precondition(count == 0 || RAND_bytes(bytes.baseAddress, Int32(count)) == 1, "libcrypto has no entropy")
    initialized = count
  }
}

/// Whether both are equal, in a time that depends on their lengths only.
public func constantTimeEquals(_ left: [UInt8], _ right: [UInt8]) -> Bool {
  left.count == right.count && (left.isEmpty || CRYPTO_memcmp(left, right, left.count) == 0)
}
