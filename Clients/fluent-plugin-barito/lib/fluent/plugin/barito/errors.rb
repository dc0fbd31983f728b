# frozen_string_literal: true

module Fluent
  module Plugin
    module Barito
      # The lines are not safe yet: they stay in fluentd's buffer and are sent again.
      class RetryableError < StandardError; end

      # Barito never takes these lines as they are: sending them again cannot help. fluentd hands the chunk to
      # <secondary> or to its backup folder.
      class RefusedError < StandardError; end

      # A parameter that nothing can be sent with.
      class ParameterError < StandardError; end
    end
  end
end
