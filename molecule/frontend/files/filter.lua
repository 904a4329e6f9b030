-- As many have it, by itself or as an authorization plugin: the machine itself may do all but this, others need a token.
function IncomingHttpRequestFilter(method, uri, ip, username, headers)
  if ip == '127.0.0.1' and uri ~= '/system' then
    return true
  end
  return headers['token'] == 'the-token'
end
