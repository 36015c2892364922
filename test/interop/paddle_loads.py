"""Loads the files of write-files.ts in real Paddle, compares, and saves files of Paddle for read-files.ts."""
import json
import pathlib
import sys

import numpy as np
import paddle

folder = pathlib.Path(sys.argv[1])
expected = json.loads((folder / 'expected.json').read_text())


def check(name, condition):
    print('ok' if condition else 'FAILED', name)
    if not condition:
        sys.exit(1)


def same(tensor, dtype, values):
    values = np.array(values, dtype)
    return isinstance(tensor, paddle.Tensor) and tensor.numpy().dtype == values.dtype and np.array_equal(tensor.numpy(), values)


def check_tensors(name, tensors):
    check(f'{name} float32', same(tensors['float32'], 'float32', [[0.5, -2], [1e-30, 3e38]]))
    check(f'{name} int32', same(tensors['int32'], 'int32', [-1, 2**31 - 1]))
    check(f'{name} bool', same(tensors['bool'], 'bool', [True, False]))
    check(f'{name} scalar', same(tensors['scalar'], 'float32', 7.25) and tensors['scalar'].shape == [])
    check(f'{name} none', same(tensors['none'], 'float32', np.zeros((0, 3))))


for protocol in (2, 3, 4):
    state = paddle.load(str(folder / f'lenet-{protocol}.pdparams'))
    check(f'keys of protocol {protocol}', list(state) == expected['keys'])
    network = paddle.vision.models.LeNet()
    missing, unexpected = network.set_state_dict(state)
    check(f'state dict of protocol {protocol}', not missing and not unexpected)
    network.eval()
    output = network(paddle.to_tensor(np.array(expected['input'], 'float32').reshape(4, 1, 28, 28))).numpy()
    difference = np.abs(output.ravel() - np.array(expected['output'])).max() / np.abs(output).max()
    check(f'outputs of protocol {protocol}: {difference:.1e}', difference < 1e-5)

    plain = paddle.load(str(folder / f'plain-{protocol}.pd'))
    plain.pop('StructuredToParameterName@@', None)
    check(f'plain values of protocol {protocol}', plain == expected['plain'])
    check(f'types of protocol {protocol}', [type(x) for x in plain['floats']] == [float] * 3 and type(plain['integers'][-1]) is int)

    table = paddle.load(str(folder / f'tensors-{protocol}.pdparams'), keep_name_table=True)
    check(f'name table of protocol {protocol}', table.pop('StructuredToParameterName@@') == {key: key for key in table})
    check_tensors(f'tensors of protocol {protocol}', table)
    nested = paddle.load(str(folder / f'nested-{protocol}.pd'))
    check_tensors(f'nested tensors of protocol {protocol}', nested['model'])
    check(f'nested values of protocol {protocol}', nested['epoch'] == 3 and same(nested['list'][0], 'float32', 1))
    check(f'single tensor of protocol {protocol}', same(paddle.load(str(folder / f'tensor-{protocol}.pd')), 'float32', [[1.5, 2]]))
    if protocol < 4:
        split = paddle.load(str(folder / f'split-{protocol}.pdparams'))
        check(f'split array of protocol {protocol}', list(split) == ['long'] and same(split['long'], 'float32', np.arange(1000).reshape(10, 100) / 8))

    # The way back.
    paddle.save(network.state_dict(), str(folder / f'paddle-lenet-{protocol}.pdparams'), protocol=protocol)
    tensors = {dtype: paddle.to_tensor(np.array([[1, 0], [3, 7]])).astype(dtype) for dtype in ('float32', 'float64', 'float16', 'bfloat16', 'int64', 'int32', 'int16', 'int8', 'uint8', 'bool')}
    paddle.save(tensors, str(folder / f'paddle-tensors-{protocol}.pdparams'), protocol=protocol)
    paddle.save({'model': tensors, 'epoch': 3, 'pair': (1, 'x'), 'dense': tensors['float32'].value().get_tensor()}, str(folder / f'paddle-nested-{protocol}.pd'), protocol=protocol)


def averaged(values):
    rates = paddle.create_parameter([3], 'float32', name='rates', default_initializer=paddle.nn.initializer.Assign(np.array(values, 'float32')))
    return rates, paddle.optimizer.ASGD(0.1, batch_num=3, parameters=[rates])


def step_on(optimizer, rates, step):
    (rates * paddle.to_tensor([step + 1, -1, 0.5 * step], 'float32')).sum().backward()
    optimizer.step()
    optimizer.clear_grad()


before, after = expected['asgd']
state = paddle.load(str(folder / 'asgd.pdopt'))
check('state of ASGD', {key: (str(value.dtype), list(value.shape)) for key, value in state.items()} == {
    'rates_d_0': ('paddle.float32', [3]), 'rates_y_0': ('paddle.float32', [3, 3]), 'rates_m_0': ('paddle.int64', [1])})
with paddle.utils.unique_name.guard():
    rates, optimizer = averaged(before)
    optimizer.set_state_dict(state)
    step_on(optimizer, rates, 4)
    check('ASGD goes on', np.allclose(rates.numpy(), after, rtol=1e-6))

with paddle.utils.unique_name.guard():
    rates, optimizer = averaged([1, -2, 3])
    for step in range(4):
        step_on(optimizer, rates, step)
    paddle.save(optimizer.state_dict(), str(folder / 'paddle-asgd.pdopt'))
    before = rates.numpy().tolist()
    step_on(optimizer, rates, 4)
    (folder / 'paddle-asgd.json').write_text(json.dumps([before, rates.numpy().tolist()]))
