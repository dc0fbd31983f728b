# frozen_string_literal: true

require_relative 'errors'

module Fluent
  module Plugin
    module Barito
      # A secret of an app or of a group: a text, or a file that is read again when it has changed.
      # Never shows its value in inspect, and refuses what cannot stand in a header.
      class Secret
        # nil where neither is given; the text wins, so that a file cannot change what stands in the configuration.
        def self.from(text, path)
          return new(text: text) if text && !text.empty?

          new(path: path) if path && !path.empty?
        end

        attr_reader :path

        def initialize(text: nil, path: nil)
          @text = text
          @path = path
          @mutex = Mutex.new
          Secret.check(text, 'the secret') if text
        end

        # The secret as it is now. A file that has become unreadable leaves the last value in use.
        # Raises RetryableError while there is none.
        def value
          return @text unless @path

          @mutex.synchronize do
            read_if_changed
            @last
          end
        end

        # Reads the file at the next use even if it looks unchanged: Barito has just refused the secret.
        def doubt
          @mutex.synchronize { @seen = nil }
        end

        def ==(other)
          other.is_a?(Secret) && identity == other.identity
        end
        alias eql? ==

        def hash
          identity.hash
        end

        def inspect
          @path ? "#<Secret in #{@path}>" : '#<Secret>'
        end
        alias to_s inspect

        def self.check(text, what)
          return text if text.match?(/\A[\x21-\x7e]+\z/n)

          raise ParameterError, "#{what} is empty or holds spaces, line breaks or other characters that no secret has"
        end

        protected

        def identity
          [@text, @path]
        end

        private

        def read_if_changed
          status = File.stat(@path)
          mark = [status.ino, status.size, status.mtime]
          return if @last && @seen == mark

          @last = Secret.check(File.binread(@path).strip, "the secret in #{@path}")
          @seen = mark
        rescue SystemCallError, ParameterError => e
          return if @last

          raise RetryableError, "cannot read the secret from #{@path}: #{e.message}. " \
                                'The lines wait until the file is there and readable.'
        end
      end
    end
  end
end
