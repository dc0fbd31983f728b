/// Something that was asked of Elasticsearch and could not be had.
struct SearchFailure: Error, CustomStringConvertible { let description: String }
