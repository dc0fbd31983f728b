import BaritoCore

/// Bodies of bulk requests as Flow makes them of records: the same actions, indices and ids, byte for byte.
struct BulkBodies {
  /// What the names of indices have before the day.
  let indexPrefix: String
  /// Documents in a body.
  let batch: Int

  private(set) var bodies: [[UInt8]] = []
  private var documents = 0
  private var id: [UInt8] = []

  init(indexPrefix: String, batch: Int) {
    self.indexPrefix = indexPrefix
    self.batch = batch
  }

  /// Adds the document of a record.
  /// - Parameter timestamp: the record's, in milliseconds since 1970.
  mutating func add(_ document: UnsafeRawBufferPointer, partition: Int32, offset: Int64, timestamp: Int64) {
    if documents.isMultiple(of: batch) { bodies.append([]) }
    documents += 1
    id.removeAll(keepingCapacity: true)
    DocumentID(partition: partition, offset: offset, timestamp: timestamp).append(to: &id)
    let last = bodies.count - 1
    bodies[last] += #"{"create":{"_index":""#.utf8
    bodies[last] += indexPrefix.utf8
    bodies[last].append(UInt8(ascii: "-"))
    Timestamp(milliseconds: timestamp)?.appendDay(to: &bodies[last])
    bodies[last] += #"","_id":""#.utf8
    bodies[last] += id
    bodies[last] += "\"}}\n".utf8
    bodies[last] += document
    bodies[last].append(UInt8(ascii: "\n"))
  }
}
