/// What the simulator does instead of its work.
public enum SimulatedFault: Sendable, Equatable {
  /// The next calls answer 500 with a backtrace, so many of them.
  case serverErrors(Int)
  /// The next calls are cut off before an answer, so many of them; what they ask for is done all the same.
  case droppedAnswers(Int)
  /// Batches are refused with 406 and this message; nil takes them again.
  case refusedBatches(String?)
  /// No token is right.
  case rejectedToken(Bool)
  /// Calls about deployments whose names begin so are not answered until `release`; nil ends it.
  case hanging(String?)
  /// The container fails to be made so many times.
  case provisionErrors(String, Int)
  /// The container's cookbooks fail so many times.
  case bootstrapErrors(String, Int)
  /// The container never leaves this state by itself.
  case stuck(String, in: String?)
  /// The scheduler does nothing.
  case frozen(Bool)
}
