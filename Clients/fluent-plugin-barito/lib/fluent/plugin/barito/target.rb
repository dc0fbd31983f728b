# frozen_string_literal: true

require_relative 'endpoint'
require_relative 'secret'

module Fluent
  module Plugin
    module Barito
      # Whose lines they are and where they go. Equal targets share batches.
      #
      # group_secret:: with app_name; else app_secret alone.
      Target = Struct.new(:url, :app_secret, :group_secret, :app_name, keyword_init: true) do
        # Who sends, as headers. Raises RetryableError while a secret's file cannot be read.
        def credentials
          return { 'X-App-Secret' => app_secret.value } if app_secret

          { 'X-App-Group-Secret' => group_secret.value, 'X-App-Name' => app_name }
        end

        def doubt_secret
          (app_secret || group_secret).doubt
        end

        # Why nothing can ever be sent there, or nil.
        def fault
          return if app_secret || app_name.to_s.match?(/\A[\x21-\x7e]{1,255}\z/)

          "the application name #{app_name.to_s[0, 100].inspect} is empty or holds characters that no name has"
        end

        # Asked for with every record.
        def hash
          @hash ||= super
        end

        # For messages.
        def to_s
          app_secret ? url.to_s : "#{url} (app #{app_name})"
        end
        alias_method :inspect, :to_s
      end
    end
  end
end
