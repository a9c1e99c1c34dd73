using Gantry.Runtime.Cli.Keeper;

return args is ["keeper", ..] ? KeeperCommand.Run(args.AsSpan(1)) : 1;
