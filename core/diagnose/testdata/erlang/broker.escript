#!/usr/bin/env escript
%% A broker on Erlang's ssl application, the TLS stack of EMQX, VerneMQ and RabbitMQ, with the options that EMQX sets for
%% a listener with verify_peer. It answers CONNECT with the CONNACK of MQTT 5.0 and then listens until the client goes.
%% Arguments: the folder of ca.pem, server.crt and server.key, and the log level of ssl ("none", "notice").
%% It prints "ready PORT PORT" (TLS 1.2, TLS 1.3) and ends with its standard input.

main([Dir, Level]) ->
    {ok, _} = application:ensure_all_started(ssl),
    Ports = [listen(Dir, list_to_atom(Level), Version) || Version <- ['tlsv1.2', 'tlsv1.3']],
    io:format("ready ~b ~b~n", Ports),
    io:get_line(""),
    halt(0).

listen(Dir, Level, Version) ->
    File = fun(Name) -> filename:join(Dir, Name) end,
    {ok, Socket} = ssl:listen(0, [
        binary, {active, false}, {ip, {127, 0, 0, 1}}, {reuseaddr, true}, {backlog, 256}, {packet, raw},
        {versions, [Version]}, {log_level, Level},
        {cacertfile, File("ca.pem")}, {certfile, File("server.crt")}, {keyfile, File("server.key")},
        {verify, verify_peer}, {fail_if_no_peer_cert, true}, {depth, 10}, {honor_cipher_order, true}
    ]),
    {ok, {_, Port}} = ssl:sockname(Socket),
    spawn_link(fun() -> accept(Socket) end),
    Port.

accept(Socket) ->
    {ok, Connection} = ssl:transport_accept(Socket),
    Pid = spawn(fun() -> receive go -> converse(Connection) end end),
    ok = ssl:controlling_process(Connection, Pid),
    Pid ! go,
    accept(Socket).

converse(Connection) ->
    case ssl:handshake(Connection, 15000) of
        {ok, Secure} ->
            case ssl:recv(Secure, 0, 15000) of
                {ok, _Connect} ->
                    ssl:send(Secure, <<16#20, 3, 0, 0, 0>>),
                    ssl:recv(Secure, 0, 15000),
                    ssl:close(Secure);
                {error, _} ->
                    ok
            end;
        {error, _} ->
            ok
    end.
