# frozen_string_literal: true

require_relative 'out_barito'

module Fluent
  module Plugin
    # The first plugin's barito_vm: lines of machines, which it sent one by one.
    class BaritoVMOutput < BaritoOutput
      Fluent::Plugin.register_output('barito_vm', self)

      config_set_default :kubernetes, false
      config_set_default :keep_fields, false
    end
  end
end
