# frozen_string_literal: true

require 'uri'
require_relative 'errors'

module Fluent
  module Plugin
    module Barito
      # Where batches are posted to.
      module Endpoint
        # The URI of +produce_url+. Everything is sent as a batch, so /produce becomes /produce_batch, and so does a URL
        # without a path; any other path is taken as it is.
        def self.of(produce_url)
          uri = URI.parse(produce_url.to_s.strip)
          unless uri.is_a?(URI::HTTP) && uri.host && !uri.host.empty?
            raise ParameterError, "produce_url '#{shown(produce_url)}' is no URL of http or https, " \
                                  'such as https://router.example.com/produce_batch'
          end
          uri.path = '/produce_batch' if ['', '/', '/produce'].include?(uri.path)
          uri
        rescue URI::Error
          raise ParameterError, "produce_url '#{shown(produce_url)}' cannot be read as a URL, " \
                                'such as https://router.example.com/produce_batch'
        end

        # Without what may hold a secret.
        def self.shown(url)
          url.to_s.sub(%r{//[^/@]*@}, '//').sub(/[?#].*/m, '')[0, 200].scrub('?')
        end
      end
    end
  end
end
