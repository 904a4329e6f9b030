-- Writes into Orthanc's log who the client is, as the front-end says.
function IncomingHttpRequestFilter(method, uri, ip, username, headers)
    local verified = headers['x-ssl-client-verify'] or 'nothing'
    local name = headers['x-ssl-client-s-dn'] or 'nobody'
    print(uri .. ' of <' .. verified .. '> <' .. name .. '>')
    return true
end
